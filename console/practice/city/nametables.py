"""The words that the practice city's names are made of: our own choice of common syllables."""

from __future__ import annotations

from typing import Final

Pair = tuple[str, str]


def _pairs(table: str) -> tuple[Pair, ...]:
    """ "和平 Heping 建设 Jianshe" as pairs of Chinese and its Latin spelling."""
    words = table.split()
    return tuple(zip(words[::2], words[1::2], strict=True))


AVENUES: Final = _pairs("""
和平 Heping 建设 Jianshe 人民 Renmin 学院 Xueyuan 北苑 Beiyuan 文昌 Wenchang 南屿 Nanyu
梧桐 Wutong 解放 Jiefang 新华 Xinhua 中山 Zhongshan 长江 Changjiang 黄河 Huanghe 珠江 Zhujiang
青年 Qingnian 胜利 Shengli 光明 Guangming 友谊 Youyi 团结 Tuanjie 文化 Wenhua 科技 Keji
创业 Chuangye 迎宾 Yingbin 民主 Minzhu 世纪 Shiji 凤凰 Fenghuang 朝阳 Chaoyang 体育 Tiyu
工业 Gongye 振兴 Zhenxing 东风 Dongfeng 红旗 Hongqi 劳动 Laodong 前进 Qianjin 延安 Yan'an
北京 Beijing 上海 Shanghai 广州 Guangzhou 天津 Tianjin 重庆 Chongqing 成都 Chengdu 武汉 Wuhan
杭州 Hangzhou 福州 Fuzhou 昆明 Kunming 西安 Xi'an 沈阳 Shenyang 长春 Changchun 大连 Dalian
青岛 Qingdao 济南 Jinan 太原 Taiyuan 合肥 Hefei 南昌 Nanchang 长沙 Changsha 贵阳 Guiyang
兰州 Lanzhou 西宁 Xining 银川 Yinchuan 桂林 Guilin 苏州 Suzhou 扬州 Yangzhou 泉州 Quanzhou
洛阳 Luoyang 黄山 Huangshan 泰山 Taishan 华山 Huashan 衡山 Hengshan 嵩山 Songshan 庐山 Lushan
峨眉 Emei 太湖 Taihu 洞庭 Dongting 鄱阳 Poyang 松江 Songjiang 湘江 Xiangjiang 汉江 Hanjiang
赣江 Ganjiang 闽江 Minjiang 嘉陵 Jialing 淮海 Huaihai
""")

FIRST: Final = _pairs("""
锦 Jin 瑞 Rui 永 Yong 长 Chang 广 Guang 文 Wen 华 Hua 安 An 春 Chun 清 Qing 明 Ming 德 De 福 Fu
康 Kang 嘉 Jia 金 Jin 银 Yin 玉 Yu 宝 Bao 凤 Feng 龙 Long 鹤 He 鹭 Lu 梅 Mei 兰 Lan 竹 Zhu
荷 He 柳 Liu 桂 Gui 松 Song 枫 Feng 杏 Xing 桃 Tao 云 Yun 霞 Xia 星 Xing 虹 Hong 晨 Chen
东 Dong 西 Xi 南 Nan 北 Bei 新 Xin 古 Gu 石 Shi 沙 Sha 水 Shui 泉 Quan 溪 Xi 青 Qing 翠 Cui
碧 Bi 紫 Zi 丹 Dan 百 Bai 万 Wan 双 Shuang 同 Tong 仁 Ren 义 Yi 礼 Li 信 Xin 景 Jing 映 Ying
澜 Lan 望 Wang 听 Ting 枕 Zhen
""")

SECOND: Final = _pairs("""
安 an 宁 ning 平 ping 和 he 泰 tai 昌 chang 盛 sheng 兴 xing 隆 long 达 da 顺 shun 祥 xiang
福 fu 光 guang 阳 yang 辉 hui 园 yuan 苑 yuan 林 lin 山 shan 河 he 江 jiang 湖 hu 泉 quan 溪 xi
桥 qiao 门 men 塘 tang 湾 wan 洲 zhou 港 gang 浦 pu 池 chi 台 tai 亭 ting 阁 ge 井 jing
庄 zhuang 营 ying 冈 gang 坡 po 岭 ling 源 yuan 秀 xiu 丰 feng 城 cheng 津 jin 坪 ping 堤 di
渡 du 田 tian
""")

DISTRICTS: Final = _pairs("""
中城 Zhongcheng 南屿 Nanyu 西津 Xijin 北苑 Beiyuan 东湾 Dongwan 云台 Yuntai
""")

SUBDISTRICTS: Final = _pairs("""
鼓楼 Gulou 府前 Fuqian 和平 Heping 钟楼 Zhonglou 文庙 Wenmiao 柳岸 Liu'an 青石湖 Qingshihu
朝天门 Chaotianmen 望江 Wangjiang 南门 Nanmen 鹭洲 Luzhou 海棠 Haitang 双塔 Shuangta
永定 Yongding 丰乐 Fengle 牡丹 Mudan 西关 Xiguan 花桥 Huaqiao 渡口 Dukou 石门 Shimen
锦江 Jinjiang 白鹭 Bailu 古渡 Gudu 枫林 Fenglin 北站 Beizhan 学府 Xuefu 云山 Yunshan
杏林 Xinglin 高新 Gaoxin 竹园 Zhuyuan 紫金 Zijin 天宁 Tianning 东港 Donggang 月湖 Yuehu
临江 Linjiang 沙洲 Shazhou 桃源 Taoyuan 龙泉 Longquan 新港 Xingang 晨光 Chenguang 五里 Wuli
双桥 Shuangqiao 南湖 Nanhu 松陵 Songling 金水 Jinshui 玉泉 Yuquan 太平 Taiping 长乐 Changle
""")

HOUSING: Final = _pairs("""
花园 Garden 新村 Xincun 小区 Estate 家园 Homes 雅苑 Court 名邸 Mansion 公寓 Apartments
华庭 Terrace
""")

LANE_ENDINGS: Final = (("巷", "Ln"), ("里", "Li"), ("弄", "Alley"), ("街", "St"))
ORDINALS: Final = "一二三四五六七八九十"
